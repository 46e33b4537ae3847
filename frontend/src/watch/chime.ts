/** Two notes of a small bell, struck softly: 880 Hz and a fourth above it. */
const NOTES = [880, 1174.7];
const APART_S = 0.16;
const RINGS_S = 1.4;

/** Rings once. Where the browser allows no sound there is none; what it announces is seen as well. */
export function chime(): void {
  try {
    const context = new AudioContext();
    NOTES.forEach((frequency, index) => strike(context, frequency, context.currentTime + index * APART_S));
    setTimeout(() => void context.close(), (RINGS_S + 1) * 1000);
  } catch {
    return;
  }
}

function strike(context: AudioContext, frequency: number, at: number): void {
  const tone = context.createOscillator();
  const loudness = context.createGain();
  tone.frequency.value = frequency;
  loudness.gain.setValueAtTime(0.0001, at);
  loudness.gain.exponentialRampToValueAtTime(0.18, at + 0.01);
  loudness.gain.exponentialRampToValueAtTime(0.0001, at + RINGS_S);
  tone.connect(loudness).connect(context.destination);
  tone.start(at);
  tone.stop(at + RINGS_S);
}
