import type { ContainerSummary } from '@slipway/client'
import { useMutation } from '@tanstack/react-query'
import { DropdownMenu } from 'radix-ui'
import { useState } from 'react'
import { Confirm } from '../parts/confirm.tsx'
import { useWords } from '../words/words.tsx'
import { doVerb, removeContainer, type Verb, verbsOf } from './verbs.ts'

interface ActionsProps {
  readonly id: string
  readonly name: string
  readonly state: ContainerSummary['State']
  readonly onError: (error: unknown) => void
  readonly onRemoved?: () => void
  /** In a row, where there is room for no word. */
  readonly isBrief?: true
}

/** What can be done with one container. */
export const Actions = ({ id, name, state, onError, onRemoved, isBrief }: ActionsProps) => {
  const { containers: words } = useWords()
  const [isRemoving, setRemoving] = useState(false)
  const act = useMutation({
    mutationFn: (verb: Verb) => doVerb(id, verb),
    onMutate: () => onError(undefined),
    onError,
  })
  const remove = async (): Promise<void> => {
    await removeContainer(id)
    onRemoved?.()
  }
  return (
    <>
      <DropdownMenu.Root>
        <DropdownMenu.Trigger
          className="button small"
          disabled={act.isPending}
          aria-label={`${words.actions}: ${name}`}
        >
          {isBrief ? '⋯' : `${words.actions} ▾`}
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content className="menu" align="end">
            {verbsOf[state].map((verb) => (
              <DropdownMenu.Item key={verb} onSelect={() => act.mutate(verb)}>
                {words[verb]}
              </DropdownMenu.Item>
            ))}
            <DropdownMenu.Item className="danger" onSelect={() => setRemoving(true)}>
              {words.remove}…
            </DropdownMenu.Item>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      <Confirm
        title={words.removeTitle(name)}
        about={words.removeAbout}
        action={words.remove}
        isOpen={isRemoving}
        onClose={() => setRemoving(false)}
        onConfirm={remove}
      />
    </>
  )
}
