/**
 * One script a shell. Each hands the words that are typed to `slipway __complete`, and takes lines of `word<tab>what it is`
 * from it; a line `:files` asks the shell for its own file names.
 */
const bash = `# slipway completion for bash: source <(slipway completion bash)
_slipway() {
  local current=\${COMP_WORDS[COMP_CWORD]} words line
  # bash takes = and : for words of their own: what belongs together is read from the line.
  local typed=\${COMP_LINE:0:COMP_POINT}
  read -ra words <<< "$typed"
  [[ $typed == *[[:space:]] ]] && words+=("")
  local whole=\${words[\${#words[@]}-1]}
  local prefix=\${whole%"$current"}
  COMPREPLY=()
  while IFS=$'\\t' read -r line _; do
    if [[ $line == :files ]]; then
      compopt -o filenames 2>/dev/null
      COMPREPLY+=($(compgen -f -- "$current"))
    elif [[ $line == "$whole"* ]]; then
      COMPREPLY+=("\${line#"$prefix"}")
    fi
  done < <("\${words[0]}" __complete -- "\${words[@]:1}" 2>/dev/null)
  [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *[=:] ]] && compopt -o nospace 2>/dev/null
}
complete -F _slipway slipway
`

const zsh = `#compdef slipway
# slipway completion for zsh: source <(slipway completion zsh)
_slipway() {
  local line word about
  local -a found
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      _files
      continue
    fi
    word=\${line%%$'\\t'*}
    about=\${line#*$'\\t'}
    found+=("\${word//:/\\\\:}:$about")
  done < <("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( \${#found} )) && _describe slipway found
}
if [[ $funcstack[1] == _slipway ]]; then
  _slipway "$@"
else
  compdef _slipway slipway
fi
`

const fish = `# slipway completion for fish: slipway completion fish | source
function __slipway_complete
  set -l words (commandline -opc)
  for line in ($words[1] __complete -- $words[2..] (commandline -ct) 2>/dev/null)
    if test "$line" = ':files'
      __fish_complete_path (commandline -ct)
    else
      echo $line
    end
  end
end
complete -c slipway -f -a '(__slipway_complete)'
`

export const scripts: Readonly<Record<string, string>> = { bash, fish, zsh }
