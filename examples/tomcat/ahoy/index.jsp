<%@ page contentType="text/plain" %>Ahoy from Java <%= System.getProperty("java.specification.version") %>
