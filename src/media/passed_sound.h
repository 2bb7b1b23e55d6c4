#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "media/decode_protocol.h"
#include "transport/fd.h"
#include "transport/samples.h"

namespace backline::media {

/// The bytes in a memfd that nobody can change. Throws transport::TransportError. [any thread]
transport::Fd passedFile(std::span<const std::byte> bytes);
/// An empty memfd for samples, which can only grow. Throws transport::TransportError. [any thread]
transport::Fd emptySamples();

/// The channels that another process left in `samples` (docs/formats/decoding.md) and told of in `reply`, `reply.frames` each. Memory is let go of as it
/// is read. Throws transport::TransportError if the reply makes no sense or is not what is there, RangeError if there is no memory for them.
/// [any thread]
std::vector<transport::Samples> readSamples(const transport::Fd& samples, const DecodeReply& reply);

}  // namespace backline::media
