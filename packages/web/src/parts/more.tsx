import { useWords } from '../words/words.tsx'

/** Below a list that goes on. */
export const More = ({ onMore }: { readonly onMore: () => Promise<unknown> }) => {
  const { hub: words } = useWords()
  return (
    <button type="button" className="button" onClick={() => void onMore()}>
      {words.more}
    </button>
  )
}
