import { useEffect, useState } from 'react'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const key = 'slipway.theme'
const prefersDark = matchMedia('(prefers-color-scheme: dark)')

const keptTheme = (): Theme => themes.find((theme) => theme === localStorage.getItem(key)) ?? 'system'

const show = (theme: Theme): void => {
  const isDark = theme === 'dark' || (theme === 'system' && prefersDark.matches)
  document.documentElement.dataset['theme'] = isDark ? 'dark' : 'light'
}

// Before the first paint.
show(keptTheme())

export const useTheme = (): readonly [Theme, (theme: Theme) => void] => {
  const [theme, setTheme] = useState(keptTheme)
  useEffect(() => {
    show(theme)
    const follow = (): void => show(theme)
    prefersDark.addEventListener('change', follow)
    return () => prefersDark.removeEventListener('change', follow)
  }, [theme])
  const choose = (chosen: Theme): void => {
    localStorage.setItem(key, chosen)
    setTheme(chosen)
  }
  return [theme, choose]
}
