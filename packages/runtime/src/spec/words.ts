/** A list of names written as text, for tables that one wants to see whole. */
export const words = (text: string): readonly string[] => text.trim().split(/\s+/)
