/** The body of every answer of 400 and above. */
export interface ErrorResponse {
  readonly message: string
}
