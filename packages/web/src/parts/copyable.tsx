import { useState } from 'react'
import { useWords } from '../words/words.tsx'

/** A command that a person may want to take to a terminal. */
export const Copyable = ({ text }: { readonly text: string }) => {
  const { app } = useWords()
  const [isCopied, setCopied] = useState(false)
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text)
    setCopied(true)
    setTimeout(() => setCopied(false), 1500)
  }
  return (
    <div className="copyable">
      <code>{text}</code>
      <button type="button" className="button small" onClick={() => void copy()}>
        {isCopied ? app.copied : app.copy}
      </button>
    </div>
  )
}
