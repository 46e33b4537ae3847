/**
 * Lucide icons (https://lucide.dev), ISC licence, copyright Lucide Icons and Contributors; parts derived from Feather,
 * MIT licence, copyright Cole Bemis. Each constant is the `d` of one 24x24 stroke path, so that unused ones fall away.
 *
 * They stand in three files by when they are needed, since a file is fetched whole.
 */
export * from "./icons/show";
export * from "./icons/room";
export * from "./icons/pages";
