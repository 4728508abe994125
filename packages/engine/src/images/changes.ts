/** `commit --change` and `import --change`. */
export { applyChanges } from '@slipway/build'
