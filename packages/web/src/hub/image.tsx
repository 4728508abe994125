import type { HubImage } from '@slipway/client'
import { useQuery } from '@tanstack/react-query'
import { shortId } from '../format/short-id.ts'
import { sizeText } from '../format/size.ts'
import { Copyable } from '../parts/copyable.tsx'
import { Meter } from '../parts/meter.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { Problem } from '../parts/problem.tsx'
import { Table } from '../parts/table.tsx'
import { useWords } from '../words/words.tsx'
import { type LayerRow, layerRows } from './layers.ts'
import { imageQuery } from './queries.ts'
import { Link } from './ways.tsx'

const platformText = (platform: { readonly os?: string; readonly architecture?: string; readonly variant?: string }) =>
  [platform.os, platform.architecture, platform.variant].filter(Boolean).join('/')

const Layers = ({ rows }: { readonly rows: readonly LayerRow[] }) => {
  const { hub: words, images } = useWords()
  const largest = Math.max(1, ...rows.map(({ size }) => size))
  return (
    <section>
      <h2>{words.layers}</h2>
      <Table columns={[{ name: images.historyCommand }, { name: words.digest }, { name: words.size, isNumber: true }]}>
        {rows.map(({ command, size, digest }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a step without a layer has no name, and none moves
          <tr key={index}>
            <td className="wide mono" title={command}>
              {command}
            </td>
            <td className="mono quiet">{digest === undefined ? '–' : shortId(digest)}</td>
            <td className="number usage-cell">
              {digest === undefined ? '–' : sizeText(size)}
              <Meter part={size / largest} />
            </td>
          </tr>
        ))}
      </Table>
    </section>
  )
}

const Platforms = ({ name, image }: { readonly name: string; readonly image: HubImage }) => {
  const { hub: words } = useWords()
  return (
    <section className="sheet">
      <h2>{words.platforms}</h2>
      <ul className="history">
        {image.manifest.manifests?.map(({ digest, platform, mediaType }) => (
          <li key={digest} className="row">
            <Link to={`/repositories/${name}/-/images/${digest}`}>
              {platform === undefined ? mediaType : platformText(platform)}
            </Link>
            <code className="quiet">{shortId(digest)}</code>
          </li>
        ))}
      </ul>
    </section>
  )
}

export const ImageView = ({ name, digest }: { readonly name: string; readonly digest: string }) => {
  const { hub: words, images } = useWords()
  const { data: image, error } = useQuery(imageQuery(name, digest))
  if (image === undefined) return <Problem error={error} />
  const reference = `${location.host}/${name}@${digest}`
  return (
    <>
      <PageHead
        title={shortId(digest)}
        about={
          <>
            <Link to={`/repositories/${name}`}>{name}</Link> · {image.config === null ? '' : platformText(image.config)}{' '}
            {words.freed(sizeText(image.freed))}
          </>
        }
      />
      <div className="stack">
        <Copyable text={`docker pull ${reference}`} />
        <Copyable text={`podman pull ${reference}`} />
        <Copyable text={`skopeo inspect docker://${reference}`} />
      </div>
      {image.manifest.manifests === undefined ? null : <Platforms name={name} image={image} />}
      {image.manifest.layers === undefined ? null : <Layers rows={layerRows(image)} />}
      {image.sharing.length === 0 ? null : (
        <section className="sheet">
          <h2>{words.sharing}</h2>
          <ul className="history">
            {image.sharing.map(({ tag, layers }) => (
              <li key={tag} className="row">
                <code>{tag}</code> <span className="quiet">{words.shared(Number(layers))}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {image.config === null ? null : (
        <details className="sheet">
          <summary>{images.config}</summary>
          <pre className="inspect">{JSON.stringify(image.config, null, 2)}</pre>
        </details>
      )}
    </>
  )
}
