/** Escape sequences of terminals: CSI, OSC, and what else begins with ESC (ECMA-48). */
const sequences = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g

/** A line without what only a terminal understands. */
export const withoutAnsi = (text: string): string => text.replaceAll(sequences, '')
