import { createContext, type ReactNode, useContext, useEffect, useState } from 'react'
import { en, type Words } from './en.ts'
import { zh } from './zh.ts'

export type Language = 'en' | 'zh'

export const languages: Readonly<Record<Language, Words>> = { en, zh }

interface Spoken {
  readonly language: Language
  readonly words: Words
  readonly speak: (language: Language) => void
}

const Context = createContext<Spoken>({ language: 'en', words: en, speak: () => undefined })

const key = 'slipway.language'

const firstLanguage = (): Language => {
  const kept = localStorage.getItem(key)
  if (kept === 'en' || kept === 'zh') return kept
  return navigator.language.startsWith('zh') ? 'zh' : 'en'
}

export const WordsProvider = ({ children }: { readonly children: ReactNode }) => {
  const [language, setLanguage] = useState(firstLanguage)
  useEffect(() => {
    document.documentElement.lang = language
  }, [language])
  const speak = (chosen: Language): void => {
    localStorage.setItem(key, chosen)
    setLanguage(chosen)
  }
  return <Context value={{ language, words: languages[language], speak }}>{children}</Context>
}

/** The words of the language that is spoken. */
export const useWords = (): Words => useContext(Context).words

export const useLanguage = (): Spoken => useContext(Context)
