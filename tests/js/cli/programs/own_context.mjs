// Makes its own context from the package, closes it when its tone has ended, and then still has something to say.
import { AudioContext } from 'backline';

const context = new AudioContext();
const oscillator = context.createOscillator();
oscillator.connect(context.destination);
oscillator.onended = async () => {
  await context.close();
  setTimeout(() => console.log(`closed at argument ${process.argv[2]}`), 50);
};
oscillator.start();
oscillator.stop(context.currentTime + 0.2);
