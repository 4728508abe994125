import { Field } from './field.tsx'

interface TextFieldProps {
  readonly label: string
  readonly hint?: string
  readonly value: string
  readonly onChange: (value: string) => void
  /** May stay empty. */
  readonly isOptional?: boolean
  /** Names, patterns and codes: letters of one width. */
  readonly isMono?: boolean
  readonly type?: 'text' | 'password' | 'url'
  readonly autoComplete?: string
  readonly inputMode?: 'numeric'
}

/** A line of text with its name. */
export const TextField = (props: TextFieldProps) => {
  const { label, hint, value, onChange, isOptional = false, isMono = false, type = 'text', ...rest } = props
  return (
    <Field label={label} {...(hint === undefined ? {} : { hint })}>
      <input
        required={!isOptional}
        type={type}
        className={isMono ? 'mono' : undefined}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        {...rest}
      />
    </Field>
  )
}
