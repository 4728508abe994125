const started = 'unable to start container process: '

/** What crun says of commands that can't be run, and runc's words for the same: docker's clients look for those. */
const translations: readonly (readonly [RegExp, string])[] = [
  [/executable file `([^`/]+)` not found in \$PATH: .*/, `${started}exec: "$1": executable file not found in $PATH`],
  [
    /executable file `([^`]+)` not found(?: in \$PATH)?: .*/,
    `${started}exec: "$1": stat $1: no such file or directory`,
  ],
  [
    /chdir `([^`]+)`: No such file or directory/,
    `${started}chdir to cwd ("$1") set in config.json failed: no such file or directory`,
  ],
  // It says so of a directory, too.
  [/open executable: (?:Permission denied|Operation not permitted)/, `${started}exec: permission denied`],
]

/** The C library's words begin with a capital letter, Go's don't. */
const errnoWords =
  /(?<=: )(No such file or directory|Permission denied|Not a directory|Is a directory|Exec format error)/

/** runc names the half that failed once more than the shim does. */
const execFailed = /^(OCI runtime exec failed: )(?!exec failed: )/

export const inRuncsWords = (message: string): string => {
  const named = message.replace(execFailed, '$1exec failed: ')
  for (const [pattern, words] of translations) if (pattern.test(named)) return named.replace(pattern, words)
  return named.replace(errnoWords, (words) => words.toLowerCase())
}
