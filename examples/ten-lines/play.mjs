// Plays a sound file of any length and says where it is: node examples/ten-lines/play.mjs song.mp3
import { Audio } from 'backline';

const audio = new Audio(process.argv[2]);
audio.ontimeupdate = () => process.stderr.write(`\r${audio.currentTime.toFixed(1)} of ${audio.duration.toFixed(1)} s`);
audio.onended = () => console.log(`\nplayed ${process.argv[2]}`);
audio.play().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
