/** What went wrong, in the words of who refused. */
export const Problem = ({ error }: { readonly error: unknown }) =>
  error === null || error === undefined ? null : (
    <p className="problem" role="alert">
      {error instanceof Error ? error.message : String(error)}
    </p>
  )
