// Plays a sound file, of any length and in any format that FFmpeg reads, through a graph: song FILE
#include <backline/backline.h>
#include <backline/media/media_element.h>

#include <cstdio>

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("Usage: song FILE\n", stderr);
    return 1;
  }
  backline::session::Engine engine;
  backline::AudioContext context(engine);
  backline::media::MediaElements elements(engine);
  auto song = backline::media::MediaElement::create(elements);
  auto source = context.createMediaElementSource(song);   // from now on it is heard through this node only
  auto level = context.createGain();
  level->gain().setValue(0.5f);
  source->connect(*level).connect(context.destination());
  song->setSrc(argv[1]);
  song->play();
  while (!song->ended() && !song->error()) {
    elements.waitAndDispatch(0.1);
    context.dispatch();
  }
  if (song->error()) {
    std::fprintf(stderr, "song: %s\n", song->error()->message.c_str());
    return 1;
  }
  std::printf("%.2f s of %s\n", song->duration(), argv[1]);
}
