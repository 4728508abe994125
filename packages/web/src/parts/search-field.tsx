interface SearchFieldProps {
  /** Shown while it is empty, and its name for those who don't see it. */
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
}

/** What a list is filtered by. */
export const SearchField = ({ label, value, onChange }: SearchFieldProps) => (
  <input
    type="search"
    className="filter"
    placeholder={label}
    aria-label={label}
    value={value}
    onChange={(event) => onChange(event.target.value)}
  />
)
