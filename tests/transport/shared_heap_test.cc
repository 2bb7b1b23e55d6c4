#include "transport/shared_heap.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <random>
#include <vector>

#include "tests/support/seed.h"
#include "transport/error.h"
#include "transport/shared_memory.h"

namespace backline::transport {
namespace {

TEST(SharedHeap, BlocksAreZeroedAlignedAndApart) {
  const auto heap = SharedHeap::create();
  std::mt19937_64 random(backline::test::seed());
  std::map<std::uint64_t, std::uint64_t> blocks;
  for (int i = 0; i < 3000; ++i) {
    if (blocks.size() > 100 || (!blocks.empty() && random() % 3 == 0)) {
      const auto block = std::next(blocks.begin(), static_cast<std::ptrdiff_t>(random() % blocks.size()));
      heap->free(block->first);
      blocks.erase(block);
      continue;
    }
    const std::uint64_t bytes = random() % 4 == 0 ? random() % 300'000 : random() % 200;
    const auto offset = heap->allocate(bytes);
    ASSERT_TRUE(offset);
    EXPECT_EQ(*offset % SharedHeap::kGrain, 0u);
    if (bytes >= SharedHeap::kPage) {
      EXPECT_EQ(*offset % SharedHeap::kPage, 0u);
    }
    EXPECT_TRUE(heap->holds(*offset, bytes));
    EXPECT_TRUE(std::all_of(heap->at(*offset), heap->at(*offset) + bytes, [](std::byte byte) { return byte == std::byte{}; }));
    std::fill_n(heap->at(*offset), bytes, std::byte{0xa5});
    const auto after = blocks.lower_bound(*offset);
    if (after != blocks.end()) {
      EXPECT_LE(*offset + bytes, after->first);
    }
    if (after != blocks.begin()) {
      EXPECT_LE(std::prev(after)->first + std::prev(after)->second, *offset);
    }
    blocks[*offset] = std::max<std::uint64_t>(bytes, 1);
  }
  for (const auto& [offset, bytes] : blocks) heap->free(offset);
  EXPECT_EQ(heap->used(), 0u);
  const auto first = heap->allocate(SharedHeap::kBytes - SharedHeap::kPage);
  EXPECT_TRUE(first) << "what is free lies in one piece again";
}

TEST(SharedHeap, APeerSeesTheSameBytes) {
  const auto heap = SharedHeap::create();
  const auto peer = SharedHeap::map(heap->fd().duplicate());
  EXPECT_EQ(peer->id(), heap->id());
  const auto offset = heap->allocate(100);
  ASSERT_TRUE(offset);
  heap->at(*offset)[7] = std::byte{42};
  EXPECT_EQ(peer->at(*offset)[7], std::byte{42});
  EXPECT_EQ(peer->offsetOf(peer->at(*offset) + 7), *offset + 7);
  EXPECT_EQ(peer->offsetOf(heap->at(*offset)), std::nullopt);
}

TEST(SharedHeap, GivesNoMoreThanItMayAndRefusesWhatIsNoHeap) {
  const auto heap = SharedHeap::create(10'000);
  const auto block = heap->allocate(8192);
  ASSERT_TRUE(block);
  EXPECT_FALSE(heap->allocate(4096));
  heap->free(*block);
  heap->free(*block);
  EXPECT_TRUE(heap->allocate(4096));
  EXPECT_FALSE(heap->allocate(~std::uint64_t{0}));
  EXPECT_FALSE(heap->holds(0, 1)) << "the header is no block";
  EXPECT_FALSE(heap->holds(SharedHeap::kBytes - 8, 9));
  EXPECT_FALSE(heap->holds(~std::uint64_t{0}, 2));
  EXPECT_THROW(SharedHeap::map(SharedMemory::create("small", 4096).fd().duplicate()), TransportError);
  EXPECT_THROW(SharedHeap::map(Fd(::memfd_create("unsealed", MFD_ALLOW_SEALING))), TransportError);
}

TEST(SharedHeap, WhatIsFreeTakesNoMemory) {
  const auto heap = SharedHeap::create();
  const auto block = heap->allocate(64 << 20);
  ASSERT_TRUE(block);
  std::fill_n(heap->at(*block), 64 << 20, std::byte{1});
  std::vector<unsigned char> resident((64 << 20) / SharedHeap::kPage);
  const auto pages = [&] {
    ::mincore(heap->at(*block), 64 << 20, resident.data());
    return std::count_if(resident.begin(), resident.end(), [](unsigned char page) { return page & 1; });
  };
  EXPECT_EQ(pages(), static_cast<std::ptrdiff_t>(resident.size()));
  heap->free(*block);
  EXPECT_EQ(pages(), 0);
}

}  // namespace
}  // namespace backline::transport
