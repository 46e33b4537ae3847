export interface Size {
  width: number;
  height: number;
}

export interface Fit extends Size {
  left: number;
  top: number;
  /** Edges that lie inside the stage and should melt into the light behind. */
  melts: "none" | "upright" | "sideways";
}

/** The centre of a lower picture sits a little above the middle: below it the room is talking. */
const EYE_LINE = 0.4;

/**
 * Where to lay a picture on the stage. It fills the stage when at least `seen` (0 to 1) of its longer
 * side stays in view; else it is laid as large as that part of it allows.
 */
export function fit(stage: Size, aspect: number, seen: number): Fit {
  if (stage.width === 0 || stage.height === 0) return { width: 0, height: 0, left: 0, top: 0, melts: "none" };
  return aspect > stage.width / stage.height ? fitWide(stage, aspect, seen) : fitTall(stage, aspect, seen);
}

function fitWide(stage: Size, aspect: number, seen: number): Fit {
  const height = Math.min(stage.height, stage.width / (seen * aspect));
  const width = height * aspect;
  const top = Math.min(stage.height - height, Math.max(0, stage.height * EYE_LINE - height / 2));
  return { width, height, left: (stage.width - width) / 2, top, melts: height < stage.height ? "upright" : "none" };
}

function fitTall(stage: Size, aspect: number, seen: number): Fit {
  const width = Math.min(stage.width, (stage.height * aspect) / seen);
  const height = width / aspect;
  return {
    width,
    height,
    left: (stage.width - width) / 2,
    top: (stage.height - height) / 2,
    melts: width < stage.width ? "sideways" : "none",
  };
}
