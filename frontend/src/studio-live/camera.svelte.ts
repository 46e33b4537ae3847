export type CameraTrouble = "denied" | "missing" | "busy" | "insecure";

const SOUND: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const PICTURE: MediaTrackConstraints = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };

/** The seller's own camera and microphone. The stream stays the same object while cameras are switched. */
export class Camera {
  stream: MediaStream | null = $state.raw(null);
  trouble: CameraTrouble | null = $state(null);
  opening = $state(false);
  muted = $state(false);
  /** A camera that looks at its owner is shown as in a mirror. */
  mirrored = $state(false);
  several = $state(false);
  private facing: "environment" | "user" = "environment";
  private closed = false;

  /** `onvideo` is told of every new picture track after the first; `onlost` when the device goes away by itself. */
  constructor(
    private readonly onvideo: (track: MediaStreamTrack) => void,
    private readonly onlost: () => void,
  ) {}

  async open(): Promise<MediaStream | null> {
    if (this.stream) return this.stream;
    if (this.opening) return null;
    this.opening = true;
    this.trouble = null;
    try {
      const stream = await this.ask();
      if (this.closed) {
        stream.getTracks().forEach((track) => track.stop());
        return null;
      }
      this.keep(stream);
    } catch (error) {
      this.trouble = name(error);
    } finally {
      this.opening = false;
    }
    return this.stream;
  }

  /** The other side of a phone, the next camera of a computer. */
  async turn(): Promise<void> {
    const { stream } = this;
    const old = stream?.getVideoTracks()[0];
    if (!stream || !old) return;
    const wanted = await this.next(old);
    // most phones open one camera at a time: the old one has to go first
    stream.removeTrack(old);
    old.stop();
    try {
      const fresh = await navigator.mediaDevices.getUserMedia({ video: { ...PICTURE, ...wanted } });
      const track = fresh.getVideoTracks()[0];
      if (!track) return;
      stream.addTrack(track);
      this.look(track);
      this.onvideo(track);
    } catch (error) {
      this.trouble = name(error);
      this.close();
      this.closed = false;
    }
  }

  mute(muted: boolean): void {
    this.muted = muted;
    for (const track of this.stream?.getAudioTracks() ?? []) track.enabled = !muted;
  }

  close(): void {
    this.closed = true;
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
  }

  private async ask(): Promise<MediaStream> {
    const devices = navigator.mediaDevices as MediaDevices | undefined;
    if (!devices) throw new DOMException("", "SecurityError");
    const video = { ...PICTURE, facingMode: { ideal: this.facing } };
    try {
      return await devices.getUserMedia({ video, audio: SOUND });
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== "NotFoundError") throw error;
      return devices.getUserMedia({ video });
    }
  }

  private keep(stream: MediaStream): void {
    this.stream = stream;
    const track = stream.getVideoTracks()[0];
    if (track) this.look(track);
    for (const audio of stream.getAudioTracks()) audio.enabled = !this.muted;
    void navigator.mediaDevices.enumerateDevices().then((all) => {
      this.several = all.filter(({ kind }) => kind === "videoinput").length > 1;
    });
  }

  private look(track: MediaStreamTrack): void {
    const facing = track.getSettings().facingMode;
    if (facing === "user" || facing === "environment") this.facing = facing;
    this.mirrored = facing === "user";
    track.onended = () => {
      this.stream?.getTracks().forEach((other) => other.stop());
      this.stream = null;
      this.onlost();
    };
  }

  private async next(old: MediaStreamTrack): Promise<MediaTrackConstraints> {
    const { facingMode, deviceId } = old.getSettings();
    if (facingMode) return { facingMode: { ideal: facingMode === "user" ? "environment" : "user" } };
    const all = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "videoinput");
    const at = all.findIndex((device) => device.deviceId === deviceId);
    const device = all[(at + 1) % Math.max(1, all.length)];
    return device ? { deviceId: { exact: device.deviceId } } : {};
  }
}

function name(error: unknown): CameraTrouble {
  const kinds: Record<string, CameraTrouble> = {
    NotAllowedError: "denied",
    SecurityError: "insecure",
    NotFoundError: "missing",
    OverconstrainedError: "missing",
  };
  return (error instanceof DOMException && kinds[error.name]) || "busy";
}
