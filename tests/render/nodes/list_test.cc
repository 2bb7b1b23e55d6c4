#include "render/nodes/list.h"

#include <gtest/gtest.h>

#include <iterator>

namespace backline::render {
namespace {

TEST(NodeList, NumbersAndDeclarationsAreTheInverseOfEachOther) {
  for (std::uint32_t number = 0; number < std::size(kNodeTypes); ++number) {
    ASSERT_NE(nodeType(number), nullptr);
    EXPECT_EQ(numberOf(*nodeType(number)), number) << nodeType(number)->name;
  }
  EXPECT_EQ(nodeType(std::size(kNodeTypes)), nullptr);
  EXPECT_EQ(nodeType(0xffffffff), nullptr);
}

TEST(NodeList, EveryInitialValueLiesInItsRange) {
  for (const NodeDeclaration* type : kNodeTypes) {
    for (const ParamDeclaration& param : type->params) {
      EXPECT_LE(param.minimum, param.initial) << type->name << "." << param.name;
      EXPECT_GE(param.maximum, param.initial) << type->name << "." << param.name;
    }
    for (const FieldDeclaration& field : type->fields) {
      EXPECT_LE(field.minimum, field.initial) << type->name << "." << field.name;
      EXPECT_GE(field.maximum, field.initial) << type->name << "." << field.name;
    }
  }
}

}  // namespace
}  // namespace backline::render
