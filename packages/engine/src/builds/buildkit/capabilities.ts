const enable = (ids: string) => ids.split(/\s+/).map((id) => ({ id, enabled: true }))

/** What clients may use of the bridge, and of LLB; by the names that BuildKit gave them. */
export const capabilities = {
  frontendCaps: enable(
    `
    solve.base solve.inlinereturn resolveimage resolveimage.resolvemode readfile return returnmap readdir statfile
    importcaches protorefarray reference.output frontend.inputs gateway.solve.metadata gateway.evaluate.solve
    gateway.evaluate gateway.warnings frontend.caps source.metaresolver`.trim(),
  ),
  llbCaps: enable(
    `
    source.image source.local source.local.unique source.local.sessionid source.local.includepatterns
    source.local.followpaths source.local.excludepatterns source.local.sharedkeyhint source.local.differ source.git
    source.git.keepgitdir source.git.fullurl source.http source.http.checksum source.http.perm source.http.uidgid source.ocilayout
    exec.meta.base exec.meta.network exec.meta.proxyenv exec.meta.security exec.meta.setsdefaultpath exec.meta.ulimit exec.validexitcode
    exec.mount.bind exec.mount.bind.readwrite-nooutput exec.mount.cache exec.mount.cache.sharing exec.mount.selector
    exec.mount.tmpfs exec.mount.tmpfs.size exec.mount.secret exec.mount.ssh exec.secretenv exec.cgroupparent
    file.base file.rm.wildcard file.copy.includeexcludepatterns file.rm.nofollowsymlink constraints meta.ignorecache
    meta.description meta.exportcache mergeop diffop platform gc.freespacefilter
    exporter.multiple`.trim(),
  ),
}
