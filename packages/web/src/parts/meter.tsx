/** A part of a whole, 0 to 1, as a bar. */
export const Meter = ({ part }: { readonly part: number }) => (
  <svg className="meter" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
    <rect width={Math.min(1, Math.max(0, part)) * 100} height="4" />
  </svg>
)
