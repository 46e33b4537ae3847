import { expect, test } from "vitest";
import { KEYS, pressed } from "./keys";

const key = (name: string, more: Partial<KeyboardEvent> = {}) =>
  ({ key: name, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, repeat: false, isComposing: false, ...more }) as KeyboardEvent;

test("every key of the list does what it says, with and without caps lock", () => {
  for (const [name, press] of KEYS) {
    if (name === "Esc") expect(pressed(key("Escape"), false)).toBe(press);
    else for (const written of [name, name.toLowerCase()]) expect(pressed(key(written, { shiftKey: name === "?" }), false)).toBe(press);
  }
});

test("no key works while something is written, or with a modifier, or in the middle of kana", () => {
  for (const [name] of KEYS) {
    expect(pressed(key(name), true)).toBeNull();
    for (const held of ["ctrlKey", "metaKey", "altKey", "isComposing"]) expect(pressed(key(name, { [held]: true }), false)).toBeNull();
  }
  expect(pressed(key("Escape"), true)).toBeNull();
  expect(pressed(key("A", { shiftKey: true }), false)).toBeNull();
});

test("a key held down goes through the list and answers nothing", () => {
  expect(pressed(key("j", { repeat: true }), false)).toBe("down");
  for (const name of ["a", "d", "l", "m", "p"]) expect(pressed(key(name, { repeat: true }), false)).toBeNull();
});

test("no key ends the show, and a strange one does nothing", () => {
  expect(KEYS.map(([, press]) => press)).not.toContain("end");
  for (const name of ["Enter", " ", "e", "q", "x", "F5", "Delete"]) expect(pressed(key(name), false)).toBeNull();
});
