#include <backline/backline.h>

int main() {
  backline::session::Engine engine;
  backline::AudioContext context(engine);
  auto level = context.createGain();
  level->gain().setValue(0.2f);
  auto tone = context.createOscillator();
  tone->connect(*level).connect(context.destination());
  tone->start();
  tone->stop(1);
  tone->onended = [&] { context.close(); };
  while (context.state() != backline::AudioContextState::closed) context.waitAndDispatch(1);
}
