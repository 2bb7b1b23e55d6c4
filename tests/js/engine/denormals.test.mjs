// What loading the engine leaves as it was.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { native } from '../../../lib/native.js';

test('a program computes with denormals after the engine and its libraries were loaded', () => {
  native();
  const halves = Float64Array.of(2 ** -1022);
  halves[0] /= 2;
  assert.equal(halves[0] * 2, 2 ** -1022);
});
