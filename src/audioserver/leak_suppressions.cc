// For the leak sanitizer only: libasound keeps what its configuration said of plug-ins that it opened.

extern "C" __attribute__((visibility("default"))) const char* __lsan_default_suppressions();
const char* __lsan_default_suppressions() { return "leak:libasound.so\n"; }
