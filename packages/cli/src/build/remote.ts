/** A git repository, or an archive or a Dockerfile in the web: the daemon fetches it. */
export const isRemote = (source: string): boolean =>
  /^(https?:\/\/|git:\/\/|ssh:\/\/|github\.com\/|git@|[\w.-]+@[\w.-]+:)/.test(source) && !source.startsWith('./')
