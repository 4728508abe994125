import '@xterm/xterm/css/xterm.css'
import { FitAddon } from '@xterm/addon-fit'
import { Terminal } from '@xterm/xterm'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { askEngine, engineJson } from '../engine/calls.ts'
import { Problem } from '../parts/problem.tsx'
import { useWords } from '../words/words.tsx'
import { shellWords } from './create-request.ts'

/** bash where there is one. */
const defaultCommand = `sh -c 'command -v bash >/dev/null && exec bash || exec sh'`

/** As `.terminal-frame` in style/containers.css. */
const deepWater = '#10191f'

interface Wanted {
  readonly command: string
  readonly user: string
}

const makeExec = (id: string, { command, user }: Wanted): Promise<{ readonly Id: string }> =>
  engineJson(`/containers/${id}/exec`, {
    method: 'POST',
    json: {
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      Tty: true,
      Cmd: shellWords(command),
      Env: ['TERM=xterm-256color'],
      ...(user === '' ? {} : { User: user }),
    },
  })

const openSocket = (exec: string, { rows, cols }: Terminal): WebSocket => {
  const socket = new WebSocket(
    `${location.origin.replace(/^http/, 'ws')}/api/terminal/${exec}?rows=${rows}&columns=${cols}`,
  )
  socket.binaryType = 'arraybuffer'
  return socket
}

/** Joins a terminal and an exec; `onEnd` when the exec has ended. What it returns takes everything apart. */
const join = (place: HTMLElement, exec: string, onEnd: () => void): (() => void) => {
  const terminal = new Terminal({ cursorBlink: true, fontSize: 13, theme: { background: deepWater } })
  const fit = new FitAddon()
  terminal.loadAddon(fit)
  terminal.open(place)
  fit.fit()
  terminal.focus()
  const socket = openSocket(exec, terminal)
  socket.onmessage = ({ data }) => terminal.write(new Uint8Array(data))
  socket.onclose = onEnd
  terminal.onData((text) => socket.readyState === WebSocket.OPEN && socket.send(text))
  terminal.onResize(({ rows, cols }) => {
    void askEngine(`/exec/${exec}/resize`, { method: 'POST', query: { h: rows, w: cols } }).catch(() => undefined)
  })
  const watcher = new ResizeObserver(() => fit.fit())
  watcher.observe(place)
  return () => {
    watcher.disconnect()
    socket.onclose = null
    socket.close()
    terminal.dispose()
  }
}

export const TerminalView = ({ id }: { readonly id: string }) => {
  const { terminal: words } = useWords()
  const place = useRef<HTMLDivElement>(null)
  const [wanted, setWanted] = useState<Wanted>({ command: defaultCommand, user: '' })
  const [exec, setExec] = useState<string>()
  const [hasEnded, setEnded] = useState(false)
  const [error, setError] = useState<unknown>()
  useEffect(() => {
    if (exec === undefined || place.current === null) return
    return join(place.current, exec, () => setEnded(true))
  }, [exec])
  const connect = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    setError(undefined)
    setEnded(false)
    try {
      setExec((await makeExec(id, wanted)).Id)
    } catch (refusal) {
      setError(refusal)
    }
  }
  return (
    <div className="graphs">
      <form className="row" onSubmit={(event) => void connect(event)}>
        <input
          className="filter mono"
          aria-label={words.command}
          value={wanted.command}
          onChange={(event) => setWanted({ ...wanted, command: event.target.value })}
        />
        <input
          className="filter"
          aria-label={words.user}
          placeholder={words.user}
          value={wanted.user}
          onChange={(event) => setWanted({ ...wanted, user: event.target.value })}
        />
        <button type="submit" className="button main-action">
          {exec === undefined ? words.connect : words.again}
        </button>
        {hasEnded ? <span className="quiet">{words.ended}</span> : null}
      </form>
      <Problem error={error} />
      {exec === undefined ? null : (
        <section key={exec} ref={place} className="terminal-frame" aria-label={words.label} />
      )}
    </div>
  )
}
