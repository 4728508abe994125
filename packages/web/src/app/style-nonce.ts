/**
 * The page's policy takes style elements only with the nonce of its answer. Libraries make some, for the scroll bar of a
 * terminal and for what locks the page behind a dialog: each gets the nonce when it is made. Markup can't make any.
 */
const nonce = document.querySelector<HTMLMetaElement>('meta[name=style-nonce]')?.content ?? ''

const createElement = document.createElement.bind(document)

document.createElement = (name: string, options?: ElementCreationOptions): HTMLElement => {
  const element = createElement(name, options)
  if (element instanceof HTMLStyleElement) element.nonce = nonce
  return element
}

export {}
