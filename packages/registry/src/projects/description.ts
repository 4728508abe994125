/** One line. */
export const descriptionFrom = (given = ''): string => given.replace(/\s+/g, ' ').trim()
