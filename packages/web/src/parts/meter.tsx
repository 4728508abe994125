const width = 100

/** A part of a whole, 0 to 1, as a bar; a part of nothing (0 / 0) is none. */
export const Meter = ({ part }: { readonly part: number }) => (
  <svg className="meter" viewBox={`0 0 ${width} 4`} preserveAspectRatio="none" aria-hidden="true">
    <rect width={Math.min(1, Math.max(0, part || 0)) * width} height="4" />
  </svg>
)
