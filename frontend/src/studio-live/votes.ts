import type { Listing } from "../api/types";

/** What a vote asks; the form is filled with it in one tap. */
export interface Ballot {
  question: string;
  options: string[];
}

/** As many options as a vote may have. */
export const MOST_OPTIONS = 4;
export const LEAST_OPTIONS = 2;
export const LONGEST_QUESTION = 80;
export const LONGEST_OPTION = 40;
const RECENT_KEPT = 3;

/** The variants of what is held up, when there is something to choose between. */
export function ofVariants(listing: Listing | null, question: string): Ballot | null {
  const options = (listing?.variants ?? []).flatMap(({ name }) => (name ? [name.slice(0, LONGEST_OPTION)] : [])).slice(0, MOST_OPTIONS);
  return options.length >= LEAST_OPTIONS ? { question: question.slice(0, LONGEST_QUESTION), options } : null;
}

/** The newest first, each once, only a few. */
export function remembered(recent: readonly Ballot[], ballot: Ballot): Ballot[] {
  const same = (other: Ballot): boolean => other.question === ballot.question && other.options.join("\n") === ballot.options.join("\n");
  return [ballot, ...recent.filter((other) => !same(other))].slice(0, RECENT_KEPT);
}

/** What is sent, or null while something is missing. Empty lines do not count; the same answer twice is no choice. */
export function complete(question: string, options: readonly string[]): Ballot | null {
  const said = [...new Set(options.map((option) => option.trim()).filter(Boolean))];
  return question.trim() && said.length >= LEAST_OPTIONS ? { question: question.trim(), options: said } : null;
}
