import { type FileTree, isSameFile, type TreeChange } from './file-tree.ts'

/** What makes the files of one image those of another, by path. */
export const compareTrees = (from: FileTree, to: FileTree): readonly TreeChange[] => {
  const before = new Map([...from.files()].map((file) => [file.path, file]))
  const changes: TreeChange[] = []
  for (const after of to.files()) {
    const old = before.get(after.path)
    before.delete(after.path)
    if (old === undefined) changes.push({ kind: 'added', path: after.path, after })
    else if (!isSameFile(old, after)) changes.push({ kind: 'changed', path: after.path, before: old, after })
  }
  for (const old of before.values()) changes.push({ kind: 'deleted', path: old.path, before: old })
  return changes.toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

export interface SettingChange {
  readonly Name: string
  readonly From: unknown
  readonly To: unknown
}

/** What is empty says no more than what isn't there. */
const said = (setting: unknown): string => {
  const text = JSON.stringify(setting)
  return ['{}', '[]', '""', 'false'].includes(text) ? 'null' : text
}

/** The fields of two records that differ, in the order of their names. */
export const compareSettings = (from: object, to: object): readonly SettingChange[] => {
  const [a, b] = [new Map(Object.entries(from)), new Map(Object.entries(to))]
  return [...new Set([...a.keys(), ...b.keys()])]
    .sort()
    .map((Name) => ({ Name, From: (a.get(Name) ?? null) as unknown, To: (b.get(Name) ?? null) as unknown }))
    .filter(({ From, To }) => said(From) !== said(To))
}
