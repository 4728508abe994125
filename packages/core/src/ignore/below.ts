/** True when the pattern may match something below `directory`: only then it is worth a walk. */
export const mayMatchBelow = (pattern: string, directory: string): boolean => {
  const wanted = pattern.split('/')
  for (const [index, name] of directory.split('/').entries()) {
    const part = wanted[index]
    // `**` crosses slashes wherever it stands: `a**` is also a/b/c.
    if (part === undefined || part.includes('**')) return true
    if (!/[*?[\\]/.test(part) && part !== name) return false
  }
  return true
}
