import type { FileEntry } from '@slipway/client'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { CallError } from '../calls/ask.ts'
import { filesQuery } from '../engine/queries.ts'
import { saveFile } from '../format/save-file.ts'
import { sizeText } from '../format/size.ts'
import { Dialog } from '../parts/dialog.tsx'
import { LongTable, type RowMark } from '../parts/long-list.tsx'
import { Problem } from '../parts/problem.tsx'
import { Since } from '../parts/since.tsx'
import { useWords } from '../words/words.tsx'
import { kindOf, modeText } from './file-mode.ts'
import { readFile } from './read-file.ts'

/** Larger files are saved, not shown: bytes. */
const largestShown = 1 << 20

const join = (directory: string, name: string): string => `${directory === '/' ? '' : directory}/${name}`

interface PathLineProps {
  readonly path: string
  readonly onOpen: (path: string) => void
}

/** Where we are, each part to go back to. */
const PathLine = ({ path, onOpen }: PathLineProps) => {
  const { files: words } = useWords()
  const parts = path.split('/').filter(Boolean)
  return (
    <nav className="row mono" aria-label={path}>
      <button type="button" className="button small" aria-label={words.root} onClick={() => onOpen('/')}>
        /
      </button>
      {parts.map((part, index) => {
        const place = `/${parts.slice(0, index + 1).join('/')}`
        return (
          <button key={place} type="button" className="button small" onClick={() => onOpen(place)}>
            {part}
          </button>
        )
      })}
    </nav>
  )
}

const textOf = (bytes: Uint8Array): string | undefined => {
  try {
    return bytes.includes(0) ? undefined : new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

interface FileDialogProps {
  readonly id: string
  readonly path: string
  readonly entry: FileEntry
  readonly onClose: () => void
}

const FileDialog = ({ id, path, entry, onClose }: FileDialogProps) => {
  const { files: words, app } = useWords()
  const isShown = entry.size <= largestShown
  const { data, error } = useQuery({
    queryKey: ['file', id, path],
    queryFn: () => readFile(id, path),
    enabled: isShown,
    staleTime: 0,
  })
  const save = useMutation({
    mutationFn: async () => saveFile(entry.name, data ?? (await readFile(id, path)), 'application/octet-stream'),
  })
  const text = data === undefined ? undefined : textOf(data)
  return (
    <Dialog title={path} isOpen onClose={onClose}>
      <Problem error={error ?? save.error} />
      {isShown ? null : <p>{words.tooLarge}</p>}
      {data !== undefined && text === undefined ? <p>{words.binary}</p> : null}
      {text === undefined ? null : <pre className="inspect">{text}</pre>}
      <div className="row">
        <span className="space" />
        <button type="button" className="button" onClick={onClose}>
          {app.close}
        </button>
        <button type="button" className="button main-action" disabled={save.isPending} onClick={() => save.mutate()}>
          {words.save}
        </button>
      </div>
    </Dialog>
  )
}

interface RowProps {
  readonly entry: FileEntry
  readonly mark: RowMark
  readonly onOpen: () => void
}

const Row = ({ entry: { name, mode, size, uid, gid, mtime, linkTarget }, mark, onOpen }: RowProps) => {
  const kind = kindOf(mode)
  return (
    <tr {...mark}>
      <td className="mono">
        {kind === 'other' ? (
          name
        ) : (
          <button type="button" className="link" onClick={onOpen}>
            {kind === 'directory' ? `${name}/` : name}
          </button>
        )}
        {linkTarget === '' ? null : <span className="quiet"> → {linkTarget}</span>}
      </td>
      <td className="number">{kind === 'file' ? sizeText(size) : ''}</td>
      <td className="mono">{modeText(mode)}</td>
      <td className="mono">{`${uid}:${gid}`}</td>
      <td className="quiet">
        <Since moment={mtime} />
      </td>
    </tr>
  )
}

/** The files of a container, running or not. */
export const FilesView = ({ id }: { readonly id: string }) => {
  const { files: words } = useWords()
  const [path, setPath] = useState('/')
  const [opened, setOpened] = useState<FileEntry>()
  const { data, error } = useQuery(filesQuery(id, path))
  const isUnknown = error instanceof CallError && error.message === 'page not found'
  const open = (entry: FileEntry): void => {
    const kind = kindOf(entry.mode)
    if (kind === 'file') setOpened(entry)
    else setPath(kind === 'link' ? entry.linkTarget : join(path, entry.name))
  }
  if (isUnknown) return <p className="quiet">{words.unknown}</p>
  return (
    <div className="graphs">
      <PathLine path={data?.path ?? path} onOpen={setPath} />
      <Problem error={error} />
      {data !== undefined && data.total > data.entries.length ? (
        <p className="quiet">{words.cut(data.entries.length, data.total)}</p>
      ) : null}
      {data?.total === 0 ? <p className="quiet">{words.empty}</p> : null}
      {data === undefined || data.total === 0 ? null : (
        <LongTable
          columns={[
            { name: words.name },
            { name: words.size, isNumber: true },
            { name: words.mode },
            { name: words.owner },
            { name: words.changed },
          ]}
          rows={data.entries}
          keyOf={({ name }) => name}
          height={41}
          hasMore={false}
        >
          {(entry, mark) => <Row key={entry.name} entry={entry} mark={mark} onOpen={() => open(entry)} />}
        </LongTable>
      )}
      {opened === undefined ? null : (
        <FileDialog id={id} path={join(path, opened.name)} entry={opened} onClose={() => setOpened(undefined)} />
      )}
    </div>
  )
}
