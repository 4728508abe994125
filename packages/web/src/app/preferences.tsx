import { DropdownMenu } from 'radix-ui'
import { languages, useLanguage } from '../words/words.tsx'
import { themes, useTheme } from './theme.ts'

interface PreferencesProps {
  /** The way out, for who is signed in. */
  readonly onSignOut?: (() => Promise<unknown>) | undefined
}

/** Colours, language, and the way out. */
export const Preferences = ({ onSignOut }: PreferencesProps) => {
  const { language, words, speak } = useLanguage()
  const [theme, setTheme] = useTheme()
  // A page that is loaded anew keeps nothing of what the one before had seen.
  const leave = async (): Promise<void> => {
    await onSignOut?.()
    location.assign('/')
  }
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className="button" aria-label={`${words.app.theme}, ${words.app.languageLabel}`}>
        ⋯
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end">
          <DropdownMenu.Label className="label">{words.app.theme}</DropdownMenu.Label>
          <DropdownMenu.RadioGroup value={theme}>
            {themes.map((one) => (
              <DropdownMenu.RadioItem key={one} value={one} onSelect={() => setTheme(one)}>
                {words.app[one]}
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
          <DropdownMenu.Label className="label">{words.app.languageLabel}</DropdownMenu.Label>
          <DropdownMenu.RadioGroup value={language}>
            {(['en', 'zh'] as const).map((one) => (
              <DropdownMenu.RadioItem key={one} value={one} lang={one} onSelect={() => speak(one)}>
                {languages[one].language}
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
          {onSignOut === undefined ? null : (
            <DropdownMenu.Item onSelect={() => void leave()}>{words.app.signOut}</DropdownMenu.Item>
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}
