#include "script/background_compile.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "script/script_error.h"

namespace backline::script {

namespace {

/// Gives the whole source at once.
class Stream final : public v8::ScriptCompiler::ExternalSourceStream {
 public:
  explicit Stream(const std::string& source) : source_(source) {}
  std::size_t GetMoreData(const std::uint8_t** data) override {
    if (std::exchange(given_, true) || source_.empty()) return 0;
    auto* bytes = new std::uint8_t[source_.size()];   // V8 deletes it
    std::memcpy(bytes, source_.data(), source_.size());
    *data = bytes;
    return source_.size();
  }

 private:
  const std::string& source_;
  bool given_ = false;
};

class Text final : public v8::String::ExternalOneByteStringResource {
 public:
  explicit Text(std::string text) : text_(std::move(text)) {}
  const char* data() const override { return text_.data(); }
  std::size_t length() const override { return text_.size(); }

 private:
  const std::string text_;
};

}  // namespace

BackgroundCompile::BackgroundCompile(v8::Isolate* isolate, const std::string& source)
    : source_(source),
      streamed_(std::make_unique<Stream>(source), v8::ScriptCompiler::StreamedSource::UTF8),
      task_(v8::ScriptCompiler::StartStreaming(isolate, &streamed_, v8::ScriptType::kModule)) {}

void BackgroundCompile::run() {
  task_->Run();
  if (std::all_of(source_.begin(), source_.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; })) {
    text_ = std::make_unique<Text>(source_);
  }
}

v8::MaybeLocal<v8::Module> BackgroundCompile::finish(v8::Local<v8::Context> context, v8::ScriptOrigin& origin) {
  v8::Isolate* isolate = context->GetIsolate();
  v8::Local<v8::String> text;
  if (!text_) {
    text = toV8(isolate, source_);
  } else if (v8::String::NewExternalOneByte(isolate, text_.get()).ToLocal(&text)) {
    static_cast<void>(text_.release());   // the string's
  } else {
    return {};
  }
  return v8::ScriptCompiler::CompileModule(context, &streamed_, text, origin);
}

}  // namespace backline::script
