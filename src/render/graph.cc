#include "render/graph.h"

#include <algorithm>
#include <numeric>

#include "render/records.h"

namespace backline::render {

namespace {

std::string named(const GraphNode& node) { return std::string(node.declaration->name) + " " + std::to_string(node.id); }

void checkOutput(const GraphNode& node, std::uint32_t output) {
  if (output >= node.outputs) throw RecordError(named(node) + " has no output " + std::to_string(output));
}

}  // namespace

GraphNode& Graph::add(NodeId id, const NodeDeclaration& declaration, std::uint32_t inputs, std::uint32_t outputs, std::uint32_t params) {
  if (id == 0 || places_.contains(id)) throw RecordError("node id " + std::to_string(id) + " is taken");
  if (declaration.hearsListener) ++inputs;
  auto node = std::make_unique<GraphNode>();
  node->id = id;
  node->declaration = &declaration;
  node->inputs = inputs;
  node->outputs = outputs;
  node->inputSources.resize(inputs);
  node->paramSources.resize(params);
  std::uint32_t place = static_cast<std::uint32_t>(nodes_.size());
  if (free_.empty()) {
    nodes_.emplace_back();
  } else {
    place = free_.back();
    free_.pop_back();
  }
  places_.emplace(id, place);
  nodes_[place] = std::move(node);
  return *nodes_[place];
}

GraphNode* Graph::find(NodeId id) {
  const auto found = places_.find(id);
  return found == places_.end() ? nullptr : nodes_[found->second].get();
}

GraphNode& Graph::at(NodeId id) {
  const GraphNode* node = find(id);
  if (node == nullptr) throw RecordError("node " + std::to_string(id) + " does not exist");
  // How long a released node stays is the render side's matter: nobody may count on it.
  if (node->released) throw RecordError(named(*node) + " was released");
  return *nodes_[places_.find(id)->second];
}

std::vector<Source>& Graph::inputList(NodeId source, std::uint32_t output, NodeId destination, std::uint32_t input) {
  checkOutput(at(source), output);
  GraphNode& node = at(destination);
  if (input >= node.inputs) throw RecordError(named(node) + " has no input " + std::to_string(input));
  return node.inputSources[input];
}

std::vector<Source>& Graph::paramList(NodeId source, std::uint32_t output, NodeId destination, std::uint32_t param) {
  checkOutput(at(source), output);
  GraphNode& node = at(destination);
  if (param >= node.paramSources.size()) throw RecordError(named(node) + " has no parameter " + std::to_string(param));
  return node.paramSources[param];
}

bool Graph::link(std::vector<Source>& list, NodeId source, std::uint32_t output) {
  const Source entry{places_.at(source), output};
  if (std::find(list.begin(), list.end(), entry) != list.end()) return false;
  list.push_back(entry);
  return true;
}

bool Graph::unlink(std::vector<Source>& list, NodeId source, std::uint32_t output) {
  const auto found = std::find(list.begin(), list.end(), Source{places_.at(source), output});
  if (found == list.end()) return false;
  list.erase(found);
  return true;
}

bool Graph::connect(NodeId source, std::uint32_t output, NodeId destination, std::uint32_t input) {
  return link(inputList(source, output, destination, input), source, output);
}
bool Graph::disconnect(NodeId source, std::uint32_t output, NodeId destination, std::uint32_t input) {
  return unlink(inputList(source, output, destination, input), source, output);
}
bool Graph::connectParam(NodeId source, std::uint32_t output, NodeId destination, std::uint32_t param) {
  return link(paramList(source, output, destination, param), source, output);
}
bool Graph::disconnectParam(NodeId source, std::uint32_t output, NodeId destination, std::uint32_t param) {
  return unlink(paramList(source, output, destination, param), source, output);
}

namespace {
bool soundsTail(const GraphNode& node) { return node.renderNode && node.renderNode->sounding.load(std::memory_order_relaxed); }
}  // namespace

bool Graph::awaitsTails() const {
  return std::any_of(nodes_.begin(), nodes_.end(), [](const auto& node) { return node && node->released && !node->playing && soundsTail(*node); });
}

std::vector<std::uint32_t> Graph::unheard() const {
  const auto mayGo = [](const GraphNode& node) { return node.released && !node.playing && !soundsTail(node); };
  if (std::none_of(nodes_.begin(), nodes_.end(), [&](const auto& node) { return node && mayGo(*node); })) return {};

  // Connections are stored where they end; turned round, in one array with each node's stretch: first[n] … first[n + 1].
  std::vector<std::uint32_t> first(nodes_.size() + 1, 0), next;
  const auto forEachConnection = [this](auto&& use) {
    for (std::uint32_t place = 0; place < nodes_.size(); ++place) {
      if (!nodes_[place]) continue;
      for (const auto* lists : {&nodes_[place]->inputSources, &nodes_[place]->paramSources})
        for (const auto& list : *lists)
          for (const Source& source : list)
            if (!nodes_[source.node]->declaration->isListener) use(source.node, place);
    }
  };
  forEachConnection([&](std::uint32_t from, std::uint32_t) { ++first[from + 1]; });
  std::partial_sum(first.begin(), first.end(), first.begin());
  next.resize(first.back());
  std::vector<std::uint32_t> filled(first.begin(), first.end() - 1);
  forEachConnection([&](std::uint32_t from, std::uint32_t to) { next[filled[from]++] = to; });

  std::vector<char> stays(nodes_.size(), 0);
  std::vector<std::uint32_t> work;
  const auto keep = [&](std::uint32_t place) {
    if (stays[place]) return;
    stays[place] = 1;
    work.push_back(place);
  };
  for (std::uint32_t place = 0; place < nodes_.size(); ++place)
    if (nodes_[place] && !mayGo(*nodes_[place])) keep(place);
  while (!work.empty()) {
    const std::uint32_t place = work.back();
    work.pop_back();
    for (std::uint32_t i = first[place]; i < first[place + 1]; ++i) keep(next[i]);
  }
  std::vector<std::uint32_t> gone;
  for (std::uint32_t place = 0; place < nodes_.size(); ++place)
    if (nodes_[place] && !stays[place]) gone.push_back(place);
  return gone;
}

void Graph::erase(const std::vector<std::uint32_t>& places) {
  if (places.empty()) return;
  for (const std::uint32_t place : places) {
    places_.erase(nodes_[place]->id);
    nodes_[place].reset();
    free_.push_back(place);
  }
  const auto gone = [this](const Source& source) { return nodes_[source.node] == nullptr; };
  for (const auto& node : nodes_) {
    if (!node) continue;
    for (auto* lists : {&node->inputSources, &node->paramSources})
      for (auto& list : *lists) std::erase_if(list, gone);
  }
}

}  // namespace backline::render
