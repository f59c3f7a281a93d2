# Embeds SQL files: each `name.sql` becomes `pg::Statement name`, prepared under that name.
function(embed_sql floor folder header namespace)
  file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.sql)
  set(output ${PROJECT_BINARY_DIR}/generated/${header})
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${output} -DNAMESPACE=${namespace} -DKIND=statements "-DFILES=${files}"
      -P ${PROJECT_SOURCE_DIR}/cmake/embed_sql_files.cmake
    DEPENDS ${files} ${PROJECT_SOURCE_DIR}/cmake/embed_sql_files.cmake VERBATIM)
  add_custom_target(sequitur_${floor}_sql DEPENDS ${output})
  add_dependencies(sequitur_${floor} sequitur_${floor}_sql)
endfunction()

# Embeds the migrations in order, as one array of (number, name, text).
function(embed_migrations floor folder header)
  file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.sql)
  set(output ${PROJECT_BINARY_DIR}/generated/${header})
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${output} -DKIND=migrations "-DFILES=${files}"
      -P ${PROJECT_SOURCE_DIR}/cmake/embed_sql_files.cmake
    DEPENDS ${files} ${PROJECT_SOURCE_DIR}/cmake/embed_sql_files.cmake VERBATIM)
  add_custom_target(sequitur_${floor}_migrations DEPENDS ${output})
  add_dependencies(sequitur_${floor} sequitur_${floor}_migrations)
endfunction()
