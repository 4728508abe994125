import type { accountWords as en } from './en.ts'

export const accountWords: typeof en = {
  tokensTab: '访问令牌',
  passwordHint: '至少 10 个字符；几个单词的组合容易记住',
  passwordChanged: '密码已修改，其他浏览器均已退出登录。',
  choosePassword: '设置您的密码',
  choosePasswordAbout: '您登录所用的密码由他人生成，只能用于这一步。',
  sessions: '已登录的位置',
  browser: '浏览器',
  thisBrowser: '当前',
  from: '来自',
  signedIn: '登录时间',
  endSession: '退出登录',
  disabled: '已停用',
  disable: '停用',
  enable: '启用',
  resetPassword: '新密码',
  resetPasswordTitle: (name) => `为 ${name} 生成新密码？`,
  resetPasswordAbout: '旧密码和所有会话立即失效。新密码只能登录一次，用于设置另一个密码。',
  resetPasswordDone: '只能登录一次，仅显示这一次：',
  close: '关闭',
}
