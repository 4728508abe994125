import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import { useEffect } from 'react'
import { containersQuery, imagesQuery } from '../engine/queries.ts'
import { plainName } from '../format/short-id.ts'
import { useWords } from '../words/words.tsx'
import { places } from './places.ts'

interface PaletteProps {
  readonly isOpen: boolean
  readonly setOpen: (isOpen: boolean) => void
}

/** Everything by its name: Ctrl K, or Command K. */
export const Palette = ({ isOpen, setOpen }: PaletteProps) => {
  const words = useWords()
  const navigate = useNavigate()
  const containers = useQuery({ ...containersQuery, enabled: isOpen }).data ?? []
  const images = useQuery({ ...imagesQuery, enabled: isOpen }).data ?? []
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.key !== 'k' || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault()
      setOpen(true)
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [setOpen])
  const go = (path: string) => () => {
    setOpen(false)
    void navigate({ to: path })
  }
  return (
    <Command.Dialog
      open={isOpen}
      onOpenChange={setOpen}
      label={words.app.search}
      contentClassName="dialog palette"
      overlayClassName="veil"
    >
      <Command.Input placeholder={words.app.search} />
      <Command.List>
        <Command.Empty>{words.app.nothingFound}</Command.Empty>
        <Command.Group heading={words.nav.pages}>
          {places.map(({ name, path }) => (
            <Command.Item key={path} value={words.nav[name]} onSelect={go(path)}>
              {words.nav[name]}
            </Command.Item>
          ))}
        </Command.Group>
        <Command.Group heading={words.nav.containers}>
          {containers.map(({ Id, Names, Image }) => (
            <Command.Item key={Id} value={`${plainName(Names[0])} ${Id}`} onSelect={go(`/containers/${Id}`)}>
              <span>{plainName(Names[0])}</span>
              <span className="quiet">{Image}</span>
            </Command.Item>
          ))}
        </Command.Group>
        <Command.Group heading={words.nav.images}>
          {images.flatMap(({ Id, RepoTags }) =>
            (RepoTags ?? []).map((tag) => (
              <Command.Item key={tag} value={tag} onSelect={go(`/images/${Id}`)}>
                {tag}
              </Command.Item>
            )),
          )}
        </Command.Group>
      </Command.List>
    </Command.Dialog>
  )
}
