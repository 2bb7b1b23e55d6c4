function build() {
  throw new TypeError('nothing to build with');
}
build();
