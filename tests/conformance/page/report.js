// In place of the tests' resources/testharnessreport.js: a classic script, run in the page right after testharness.js.
'use strict';

setup({ output: false, timeout_multiplier: self.conformance.timeoutMultiplier });
add_result_callback((test) => self.conformance.result(test));
add_completion_callback((tests, status) => self.conformance.completed(tests, status));
