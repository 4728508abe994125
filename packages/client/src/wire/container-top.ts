/** GET /containers/{id}/top */
export interface ContainerTop {
  readonly Titles: readonly string[]
  readonly Processes: readonly (readonly string[])[]
}
