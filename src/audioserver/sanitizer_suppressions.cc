// What sanitizers find in libraries, and which is theirs.

extern "C" {

/// libasound keeps what its configuration said of plug-ins that it opened.
__attribute__((visibility("default"))) const char* __lsan_default_suppressions();
const char* __lsan_default_suppressions() { return "leak:libasound.so\n"; }

/// libpulse hands packets from its thread to another by counts that the sanitizer does not see.
__attribute__((visibility("default"))) const char* __tsan_default_suppressions();
const char* __tsan_default_suppressions() { return "race:libpulsecommon\n"; }
}
