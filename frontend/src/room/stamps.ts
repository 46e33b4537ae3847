/** The stamps there are, in the order of the tray. */
export const STAMPS = ["clap", "want", "cute", "laugh", "wow", "thanks"] as const;
export type Stamp = (typeof STAMPS)[number];

export const isStamp = (name: string): name is Stamp => (STAMPS as readonly string[]).includes(name);
