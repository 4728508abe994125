import { TextField } from '../../parts/text-field.tsx'
import { useWords } from '../../words/words.tsx'

interface NewPasswordFieldProps {
  readonly label: string
  readonly value: string
  readonly onChange: (password: string) => void
}

/** A password that is chosen now; the hint says what it must be. */
export const NewPasswordField = ({ label, value, onChange }: NewPasswordFieldProps) => {
  const { account: words } = useWords()
  return (
    <TextField
      label={label}
      hint={words.passwordHint}
      value={value}
      onChange={onChange}
      type="password"
      autoComplete="new-password"
    />
  )
}
