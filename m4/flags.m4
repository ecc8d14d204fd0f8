# PP_CHECK_FLAGS(VARIABLE, FLAGS)
# Sets and substitutes VARIABLE to those of the FLAGS that the compiler takes.
AC_DEFUN([PP_CHECK_FLAGS], [
  $1=
  for pp_flag in $2; do
    AC_MSG_CHECKING([whether $CC accepts $pp_flag])
    pp_saved=$CFLAGS
    CFLAGS="$CFLAGS -Werror $pp_flag"
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM()],
        [AC_MSG_RESULT([yes]); $1="$$1 $pp_flag"],
        [AC_MSG_RESULT([no])])
    CFLAGS=$pp_saved
  done
  AC_SUBST([$1])
])

# PP_CHECK_LINK_FLAGS(VARIABLE, FLAGS)
# The same for those that the linker takes.
AC_DEFUN([PP_CHECK_LINK_FLAGS], [
  $1=
  for pp_flag in $2; do
    AC_MSG_CHECKING([whether $CC links with $pp_flag])
    pp_saved=$LDFLAGS
    LDFLAGS="$LDFLAGS $pp_flag"
    AC_LINK_IFELSE([AC_LANG_PROGRAM()],
        [AC_MSG_RESULT([yes]); $1="$$1 $pp_flag"],
        [AC_MSG_RESULT([no])])
    LDFLAGS=$pp_saved
  done
  AC_SUBST([$1])
])
