import type { HubSecondFactor } from '@slipway/client'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Form } from '../../parts/form.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { Problem } from '../../parts/problem.tsx'
import { TextField } from '../../parts/text-field.tsx'
import { useWords } from '../../words/words.tsx'
import { secondFactorQuery, verbs } from '../queries.ts'
import { QrCode } from './qr-code.tsx'

interface Told {
  /** What is shown once, and must outlive that the page asks anew. */
  readonly onCodes: (codes: readonly string[]) => void
}

const CodeField = ({ value, onChange }: { readonly value: string; readonly onChange: (code: string) => void }) => {
  const { account: words } = useWords()
  return (
    <TextField
      label={words.code}
      hint={words.codeHint}
      value={value}
      onChange={onChange}
      isMono
      autoComplete="one-time-code"
    />
  )
}

const SetUp = ({ onCodes }: Told) => {
  const { hub, account: words } = useWords()
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const begin = useMutation({ mutationFn: () => verbs.beginSecondFactor(password) })
  const confirm = useMutation({
    mutationFn: () => verbs.confirmSecondFactor(code),
    onSuccess: ({ recoveryCodes }) => onCodes(recoveryCodes),
  })
  if (begin.data === undefined) {
    return (
      <Form title={words.secondFactor} action={words.setUp} call={begin}>
        <p>{words.secondFactorAbout}</p>
        <TextField
          label={hub.password}
          value={password}
          onChange={setPassword}
          type="password"
          autoComplete="current-password"
        />
      </Form>
    )
  }
  const { secret, uri } = begin.data
  return (
    <Form title={words.secondFactor} action={words.confirm} call={confirm}>
      <p>{words.scan}</p>
      <QrCode text={uri} label={words.qrCode} />
      <p>
        {words.orType} <code className="secret">{secret.match(/.{1,4}/g)?.join(' ')}</code>
      </p>
      <CodeField value={code} onChange={setCode} />
    </Form>
  )
}

const IsOn = ({ factor, onCodes }: Told & { readonly factor: HubSecondFactor }) => {
  const { account: words } = useWords()
  const [code, setCode] = useState('')
  const renew = useMutation({
    mutationFn: () => verbs.renewRecoveryCodes(code),
    onSuccess: ({ recoveryCodes }) => {
      setCode('')
      onCodes(recoveryCodes)
    },
  })
  const turnOff = useMutation({ mutationFn: () => verbs.turnOffSecondFactor(code) })
  return (
    <Form title={words.secondFactor} action={words.newCodes} call={renew}>
      <p>
        <span className="badge good">{words.isOn}</span> {words.codesLeft(factor.recoveryCodes)}
      </p>
      <p>{words.dockerNeedsToken}</p>
      <CodeField value={code} onChange={setCode} />
      <Problem error={turnOff.error} />
      {factor.isRequired ? null : (
        <button type="button" className="button" disabled={turnOff.isPending} onClick={() => turnOff.mutate()}>
          {words.turnOff}
        </button>
      )}
    </Form>
  )
}

/** The second factor of one's own account. */
export const SecondFactor = () => {
  const { account: words } = useWords()
  const { data, error } = useQuery(secondFactorQuery)
  const [codes, setCodes] = useState<readonly string[]>()
  return (
    <>
      <Problem error={error} />
      {data === undefined ? null : data.isOn ? <IsOn factor={data} onCodes={setCodes} /> : <SetUp onCodes={setCodes} />}
      {codes === undefined ? null : (
        <div className="sheet narrow" role="status">
          <h2>{words.recoveryCodes}</h2>
          <p>{words.recoveryCodesAbout}</p>
          <ol className="recovery-codes mono">
            {codes.map((code) => (
              <li key={code}>{code}</li>
            ))}
          </ol>
          <button type="button" className="button" onClick={() => location.assign('/account')}>
            {words.keptThem}
          </button>
        </div>
      )}
    </>
  )
}

/** For who must have one: nothing else can be done before. */
export const SetUpPage = () => {
  const { account: words } = useWords()
  return (
    <>
      <PageHead title={words.setUpFirst} about={words.setUpFirstAbout} />
      <SecondFactor />
    </>
  )
}
